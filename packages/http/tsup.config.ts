import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({
  index: 'src/index.ts',
  binding: 'src/binding.ts',
  dpop: 'src/dpop.ts',
  extension: 'src/extension.ts',
});
export default config;
