/** What no single schema can see. */
import type { Problem } from './problems';
import type { OscConfig } from './schema';

const EVALUATORS = 'data.test.evaluators';

export function crossProblems(values: OscConfig, place: (key: string) => string): Problem[] {
  const problems: Problem[] = [];
  const { model, losses } = values;
  const parts = ['obj_queries', 'obj_fn', 'obj_proj'] as const;
  const missing = parts.filter((part) => model[part] === null);
  if (missing.length > 0 && missing.length < parts.length) {
    const there = parts.filter((part) => model[part] !== null);
    problems.push({
      what: `model.${there.join(' and model.')} ${there.length > 1 ? 'are' : 'is'} set, but model.${missing.join(' and model.')} ${missing.length > 1 ? 'are' : 'is'} null (${place(`model.${missing[0] ?? ''}`)}).`,
      why: 'A model with slots needs all three; one without them none.',
      hints: missing.map((part) => `model/${part}=NAME`),
    });
  } else if (missing.length > 0 && losses.l_objects !== null) {
    problems.push({
      what: `losses.l_objects is ${losses.l_objects.name} (${place('losses.l_objects.name')}), but the model has no slots: model.obj_fn is null.`,
      hints: ['losses/l_objects=none', 'model=vit_obj_global'],
    });
  }
  const { crop_size: cropSize, normalize } = values.data;
  if (normalize.rows !== null && normalize.rows.length !== cropSize[0]) {
    problems.push({
      what: `data.normalize.rows has means of ${normalize.rows.length} rows of pixels (${place('data.normalize.rows')}), but a crop has ${cropSize[0]} (${place('data.crop_size')}).`,
      hints: [`data.crop_size=[${normalize.rows.length},…]`, 'data.normalize.rows=null'],
    });
  }
  if (Object.values(losses).every((loss) => loss === null)) {
    problems.push({
      what: `All of losses are null (${place('losses.l_global')}): there is nothing to train on.`,
      hints: ['losses/l_global=ctr', 'losses/l_recon=slot_mixture'],
    });
  }
  const names = values.data.test.evaluators.map(({ name }) => name);
  for (const twice of new Set(names.filter((name, i) => names.indexOf(name) < i))) {
    problems.push({
      what: `${EVALUATORS} has ${twice} more than once (${place(EVALUATORS)}).`,
      why: 'Both would give metrics of the same names.',
      hints: [`leave one out, and run osc evaluate RUN with the other options afterwards`],
    });
  }
  return problems;
}
