import type { NextFunction, Request, Response } from 'express';

/** A request of Express, with any types of parameters, body and query. */
export type AnyRequest = Request<any, any, any, any, any>; // oxlint-disable-line typescript/no-explicit-any -- as Express itself has it

/** A middleware that does not change the types of the handlers behind it. */
export type Middleware = <P, ResBody, ReqBody, ReqQuery, Locals extends Record<string, unknown>>(
  req: Request<P, ResBody, ReqBody, ReqQuery, Locals>,
  res: Response<ResBody, Locals>,
  next: NextFunction,
) => Promise<void>;
