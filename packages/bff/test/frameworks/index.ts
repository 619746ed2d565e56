import type { Mount } from './application.ts';
import { mount as express } from './express.ts';
import { mount as fastify } from './fastify.ts';
import { mount as hono } from './hono.ts';

export const frameworks: Readonly<Record<'hono' | 'express' | 'fastify', Mount>> = {
  hono,
  express,
  fastify,
};

export type FrameworkName = keyof typeof frameworks;
