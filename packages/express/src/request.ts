import { type HttpRequest, nodeRequest } from '@pawl/http';
import type { NextFunction, Request, Response } from 'express';

/** A request of Express, whatever an application knows of its parameters, body and query. */
// oxlint-disable-next-line typescript/no-explicit-any -- as Express itself has it
export type AnyRequest = Request<any, any, any, any, any>;

/** A middleware that leaves the types of the handlers behind it as they are. */
export type Middleware = <P, ResBody, ReqBody, ReqQuery, Locals extends Record<string, unknown>>(
  req: Request<P, ResBody, ReqBody, ReqQuery, Locals>,
  res: Response<ResBody, Locals>,
  next: NextFunction,
) => Promise<void>;

/** What was sent, and by whom: `trust proxy`, and a mount path that Express cut off, have no say. */
export const httpRequest = (req: AnyRequest): HttpRequest => nodeRequest(req);
