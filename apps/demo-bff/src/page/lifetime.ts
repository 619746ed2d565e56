import { type Countdown, createCountdown } from 'page-kit/countdown';

/** Shows how long the provider's access token is valid, as the BFF knows it. */
export const lifetime: Countdown = createCountdown((seconds) => `${seconds} s left`);
