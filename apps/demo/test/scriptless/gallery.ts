import { guardedRoute, publicRoute, type Route } from '../../src/routes/route.ts';

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8z"/></svg>';

/** A page without a guard, and the guarded pictures in it, from all addresses of the service in turn. */
export const galleryRoutes = (origins: readonly string[], count: number): readonly Route[] => {
  let visits = 0;
  const page = (): string => {
    visits++;
    const images = Array.from({ length: count }, (_, index) => {
      const origin = origins[index % origins.length];
      // No picture has been seen before, so none comes from the browser's cache.
      return `<img src="${origin}/picture/${visits}-${index}" alt="">`;
    });
    return `<!doctype html><title>Gallery</title>${images.join('')}`;
  };
  return [
    publicRoute('GET', '/gallery', () => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
      content: page(),
    })),
    guardedRoute('GET', '/picture/:id', {}, () => ({
      status: 200,
      // What a handler says about caches does not hold for a response with a cookie.
      headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=600' },
      content: picture,
    })),
  ];
};
