/** Finding, loading and making components, whether they come with the box or from a third party. */
export { Registry, type CreateOptions, type OwnComponent, type RegistryOptions, type RegistrySpec } from './registry';
export type { BrokenPlugin } from './discovery';
