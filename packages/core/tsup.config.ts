import { type LibraryConfig, library } from '../../tsup.base.ts';

// `#crypto` stays an import: package.json chooses the provider where the package is used.
const config: LibraryConfig = library(
  {
    index: 'src/index.ts',
    jwt: 'src/jwt.ts',
    'api-keys': 'src/api-keys.ts',
    'single-use': 'src/single-use.ts',
    'rate-limits': 'src/rate-limits.ts',
    store: 'src/store.ts',
    'crypto/node': 'src/crypto/node.ts',
    'crypto/portable': 'src/crypto/portable.ts',
  },
  ['#crypto'],
);
export default config;
