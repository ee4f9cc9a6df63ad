/** Figures while training, in the run directory. */
import type { MetricPoint } from '../../sdk';
import type { FigureService } from '../../training';
import type { Figures } from '../../visualization';

export class RunFigures implements FigureService {
  /** @param drawn paths of the pictures are appended */
  constructor(
    private readonly figures: Figures,
    readonly epochInterval: number,
    private readonly runDir: string,
    private readonly drawn: Set<string>,
  ) {}

  async draw({ epoch }: MetricPoint): Promise<void> {
    for (const path of await this.figures.draw(epoch + 1, this.runDir)) this.drawn.add(path);
  }
}
