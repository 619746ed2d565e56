/** Sets `now` to the server's time in ms, the only clock that all nodes share. */
export const time = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
