import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({
  index: 'src/index.ts',
  protocol: 'src/protocol/test-protocol.ts',
  servers: 'src/servers/index.ts',
});
export default config;
