/** The sweep of the reference's README, word for word but for `./train.py`: 108 jobs. `osc train --help` shows it. */
export const REFERENCE_SWEEP: readonly string[] = [
  'hydra/launcher=submitit_slurm',
  '+slurm=slurm',
  '+losses=more_objects,more_global',
  'model=vit_obj_global',
  'model/obj_queries=sample',
  'model.backbone.embed_dim=64,128,256',
  "logging.group='slurm_sweep'",
  'lr_scheduler=linear1_cosine4_x5',
  'lr_scheduler.decay.end_lr=0.0003',
  'optimizer.start_lr=0.0007',
  'optimizer.weight_decay=0.0001',
  'model.backbone.num_heads=4,8',
  'model.backbone.num_layers=2,4,6',
  'model.obj_fn.num_iters=1,2,4',
];
