import { type LibraryConfig, library } from '../../tsup.base.ts';

// `#crypto` stays an import: package.json chooses the provider where the package is used.
const config: LibraryConfig = library(
  {
    index: 'src/index.ts',
    'api-keys': 'src/api-keys.ts',
    jwt: 'src/jwt.ts',
    keys: 'src/keys.ts',
    'rate-limits': 'src/rate-limits.ts',
    'single-use': 'src/single-use.ts',
    store: 'src/store.ts',
    internal: 'src/internal.ts',
    'crypto/node': 'src/crypto/node.ts',
    'crypto/portable': 'src/crypto/portable.ts',
  },
  ['#crypto'],
);
export default config;
