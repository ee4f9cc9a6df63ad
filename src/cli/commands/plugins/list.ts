import { relative } from 'node:path';
import { listPlugins } from '../../../jobs';
import type { ComponentEntry } from '../../../sdk/catalog';
import { BaseCommand } from '../../base-command';
import { kindFlag, pluginFlag } from '../../flags';
import { formatTable, tableWidth } from '../../table';

/** In a window narrower than this the package goes below the summary. */
const WIDE = 110;

export default class PluginsList extends BaseCommand {
  static override summary = 'List the components that a config can choose, by kind, and the plugins they come from.';
  static override description =
    'Every part of a model, of training and of the data is a component, chosen by its name in the config. The box ' +
    'brings its own; plugins installed in node_modules bring more once they are enabled, by name or path, under ' +
    '"plugins" in osc.config.ts or with --plugin. Those that are not enabled are listed with "no" and none of their ' +
    'code is run.';
  static override examples = [
    { description: 'all of them', command: '<%= config.bin %> plugins list' },
    { description: 'what the object queries can be', command: '<%= config.bin %> plugins list --kind obj_queries' },
    { description: 'for a script', command: '<%= config.bin %> plugins list --json' },
  ];
  static override flags = { kind: kindFlag, plugin: pluginFlag };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PluginsList);
    const listed = await listPlugins({ kind: flags.kind, plugins: flags.plugin });
    const { components, broken } = listed;
    this.log(components.length > 0 ? toTable(components) : 'There is none yet.');
    for (const { dir, problem } of broken) this.logToStderr(`\nNot listed: ${dir}: ${problem}`);
    const off = [...new Set(components.filter(({ enabled }) => !enabled).map(({ packageName }) => packageName))];
    if (off.length > 0) {
      this.log(
        `\nNot enabled: ${off.join(', ')}. To enable one, name it under "plugins" in osc.config.ts, or --plugin.`,
      );
    }
    if (listed.configFile !== null) this.log(`\nConfig file: ${relative(process.cwd(), listed.configFile)}`);
    return listed;
  }
}

function toTable(entries: readonly ComponentEntry[]): string {
  const width = tableWidth();
  const enabled = (entry: ComponentEntry): string => (entry.enabled ? 'yes' : 'no');
  return width < WIDE
    ? formatTable(
        ['KIND', 'NAME', 'ENABLED', 'SUMMARY (PACKAGE)'],
        entries.map((entry) => [
          entry.kind,
          entry.name,
          enabled(entry),
          `${entry.summary} (${entry.packageName} ${entry.packageVersion})`,
        ]),
        width,
      )
    : formatTable(
        ['KIND', 'NAME', 'PACKAGE', 'VERSION', 'ENABLED', 'SUMMARY'],
        entries.map((entry) => [
          entry.kind,
          entry.name,
          entry.packageName,
          entry.packageVersion,
          enabled(entry),
          entry.summary,
        ]),
        width,
      );
}
