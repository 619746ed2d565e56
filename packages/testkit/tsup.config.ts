import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({
  index: 'src/index.ts',
  binding: 'src/binding.ts',
  protocol: 'src/protocol.ts',
});
export default config;
