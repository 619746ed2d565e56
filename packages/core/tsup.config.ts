import { type LibraryConfig, library } from '../../tsup.base.ts';

// `#crypto` stays an import: package.json chooses the provider where the package is used.
const config: LibraryConfig = library(
  {
    index: 'src/index.ts',
    'crypto/node': 'src/crypto/node.ts',
    'crypto/portable': 'src/crypto/portable.ts',
  },
  ['#crypto'],
);
export default config;
