import type { OutcomeColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import type { RunReport } from '../../src-shared/runs/run-record.ts';
import { type Currency, type PlanRow, planRows } from '../../src-shared/outcomes/plan-rows.ts';
import { type Choice, type Selected, selectedOf } from './selected.ts';

export type DeskQuestion =
  | { readonly kind: 'select'; readonly choice: Choice }
  | {
      readonly kind: 'rows';
      readonly report: RunReport;
      readonly currency: Currency;
      readonly policies: readonly string[];
    };

export type DeskAnswer =
  | { readonly kind: 'select'; readonly selected: Selected }
  | { readonly kind: 'rows'; readonly rows: readonly PlanRow[] };

/** Answers questions about columns. What it found last helps with the next. */
export function answersOf(columns: OutcomeColumns): (question: DeskQuestion) => DeskAnswer {
  let selected: Selected | null = null;
  return (question) => {
    if (question.kind === 'select') {
      selected = selectedOf(columns, question.choice, selected);
      return { kind: 'select', selected };
    }
    const { report, currency, policies } = question;
    return { kind: 'rows', rows: planRows(report, columns, currency, policies) };
  };
}
