/** Lists of `count` items; the last one may be shorter. */
export async function* inGroups<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < count) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
