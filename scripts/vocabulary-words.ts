/** What the vocabulary check refuses, and where it lets a word pass. */

/** Words that make a reader stop, as regular expressions, and what to write. A space is any space. */
export const words: readonly (readonly [pattern: string, instead: string])[] = [
  [
    '^\\W*answers\\b|[.:;] answers\\b|answers (with|by|from|as|the|an?|what|whether|if|how|for|to|in|once|it|that|them|no|every|only|null|nothing|true|false|undefined|[1-5]\\d\\d)\\b',
    'returns, responds with',
  ],
  ['(is|are|was|were|be|been|being|gets?) answered\\b', 'receives, gets a response'],
  ['answered (with|by|from|as|anew|again)\\b', 'returned, responded with'],
  ['answering\\b', 'returning, responding'],
  ['hears\\b|hear of\\b|heard of\\b', 'is called for, receives'],
  ['whoever\\b', 'the caller, anyone who'],
  ['(?<!there )(is|are|was|were) none\\b', 'is invalid, is missing'],
  ['to be had\\b', 'is not supported, is not available'],
  ['not to be (known|seen|told|found)\\b', 'unknown, cannot be …'],
  ['as it goes\\b', 'as it runs'],
  ['time (is|was) (over|up)\\b', 'expired'],
  ['somebody\\b', 'someone, the application, another …'],
  ['sees to it\\b', 'ensures'],
  ['be told\\b', 'is configured with, is an option'],
  ['for nothing\\b', 'without a result, needlessly'],
  ['means nothing\\b', 'has no effect, requires …'],
  [
    '(?<!there )(is|are) no (?!longer|more|less|other|way|need|one|such|later|older)\\w+',
    'is not a',
  ],
  ['owns time\\b|owns? chance\\b', 'controls the clock, controls randomness'],
  ['^\\W*sets \\w+ up\\b', 'creates'],
  ['became of\\b', 'the result of'],
  ['what [a-z ]* has to tell\\b', 'reports'],
  ["(one|somebody|someone)'s own\\b", 'your own, the caller’s'],
  ['mends?\\b|mended\\b|mending\\b', 'fixes'],
  ['anew\\b', 'again'],
];

/** One use that is right all the same. */
export interface Allowed {
  /** Relative to the root. */
  readonly file: string;
  /** The words that were found, as they stand there. */
  readonly found: string;
  /** Why no plainer word will do. */
  readonly reason: string;
}

export const allowed: readonly Allowed[] = [
  {
    file: 'CONTRIBUTING.md',
    found: 'is none',
    reason: 'It is the example of what not to write.',
  },
];
