export { freePort, freePorts } from './free-port.ts';
export { type Program, provideProgram } from './program.ts';
export { type RedisOptions, RedisServer, startRedis } from './redis.ts';
export { type RedisCluster, type RedisClusterOptions, startRedisCluster } from './redis-cluster.ts';
export { type SentinelOptions, type SentinelSet, startSentinel } from './redis-sentinel.ts';
export { type RedisReply, sendRedisCommand } from './resp.ts';
export { type Stoppable, startTogether, stopTogether } from './start-together.ts';
