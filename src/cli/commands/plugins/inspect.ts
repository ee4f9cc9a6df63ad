import { Args } from '@oclif/core';
import type { OptionDescription } from '../../../registry/describe-options';
import type { Registry } from '../../../registry';
import type { ComponentEntry } from '../../../sdk/catalog';
import { UsageError } from '../../../sdk/errors';
import type { ComponentKind } from '../../../sdk/kinds';
import { didYouMean } from '../../../util/near-names';
import { BaseCommand } from '../../base-command';
import { kindFlag, pluginFlag } from '../../flags';
import { openRegistry } from '../../../jobs/open-registry';
import { formatTable, tableWidth } from '../../table';

/** What `osc plugins inspect` tells; the document of `--json`. */
interface Inspection extends ComponentEntry {
  readonly reference: string | null;
  /** Config keys that choose it. */
  readonly configKeys: readonly string[];
  readonly options: readonly OptionDescription[];
}

export default class PluginsInspect extends BaseCommand {
  static override summary = 'Show a component: its options with types and defaults, its source, where it comes from.';
  static override description = 'Loads the code of the component; its plugin must be enabled.';
  static override examples = [
    '<%= config.bin %> plugins inspect slot-attention',
    {
      description: 'a name that several kinds have',
      command: '<%= config.bin %> plugins inspect learned --kind pos_embed',
    },
    {
      description: 'one of a plugin that is not enabled',
      command: '<%= config.bin %> plugins inspect ring --plugin ./ring',
    },
  ];
  static override args = {
    name: Args.string({ description: 'Name or alias of the component.', required: true }),
  };
  static override flags = { kind: kindFlag, plugin: pluginFlag };

  async run(): Promise<Inspection> {
    const { args, flags } = await this.parse(PluginsInspect);
    const registry = await openRegistry(flags.plugin);
    const kind = flags.kind ?? kindOf(registry, args.name);
    const manifest = await registry.manifest(kind, args.name);
    const { describeOptions } = await import('../../../registry/describe-options.js');
    const { keysOfKind } = await import('../../../config/index.js');
    const inspection: Inspection = {
      ...registry.lookup(kind, args.name)!,
      reference: manifest.reference ?? null,
      configKeys: keysOfKind(kind),
      options: describeOptions(manifest.options),
    };
    this.log(toText(inspection));
    return inspection;
  }
}

/** @throws UsageError where several kinds have the name, or none */
function kindOf(registry: Registry, name: string): ComponentKind {
  const entries = registry.entries();
  const named = entries.filter((entry) => entry.name === name || entry.aliases.includes(name));
  const enabled = named.filter((entry) => entry.enabled);
  const kinds = [...new Set((enabled.length > 0 ? enabled : named).map(({ kind }) => kind))];
  if (kinds.length === 1) return kinds[0]!;
  if (kinds.length > 1) {
    throw new UsageError(
      `Several components are named "${name}".`,
      `They are of the kinds ${kinds.join(' and ')}.`,
      kinds.map((kind) => `osc plugins inspect ${name} --kind ${kind}`),
    );
  }
  const names = entries.flatMap((entry) => [entry.name, ...entry.aliases]);
  throw new UsageError(
    `There is no component named "${name}".`,
    didYouMean(name, names, (near) => `"${near}"`),
    ['osc plugins list'],
  );
}

function toText(inspection: Inspection): string {
  const { kind, name, summary, aliases, packageName, packageVersion, builtin, manifestFile, reference } = inspection;
  const width = tableWidth();
  const facts = formatTable(
    ['Kind', kind],
    [
      ...(aliases.length > 0 ? [['Aliases', aliases.join(', ')]] : []),
      ['Package', `${packageName} ${packageVersion}${builtin ? ' (built in)' : ''}`],
      ['Source', manifestFile],
      ...(reference === null ? [] : [['Reference', reference]]),
      ['Chosen by', inspection.configKeys.join(', ')],
    ],
    width,
  );
  const options =
    inspection.options.length === 0
      ? 'It has no options.'
      : formatTable(
          ['OPTION', 'TYPE', 'DEFAULT', 'DESCRIPTION'],
          inspection.options.map((option) => [
            option.name,
            option.type,
            option.required ? '(required)' : JSON.stringify(option.default),
            option.description,
          ]),
          width,
        );
  return `${name}: ${summary}\n\n${facts}\n\n${options}`;
}
