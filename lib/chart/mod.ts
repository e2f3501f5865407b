// Charts of records, for notebooks, pages and pictures.
export * from "./band_correspondence_figure.ts";
export * from "./error_account_figure.ts";
export * from "./figure.ts";
export * from "./outputs_figure.ts";
export type { PanelOptions } from "./_panels.ts";
export * from "./render_png.ts";
export * from "./report.ts";
export * from "./report_html.ts";
export * from "./ring_figure.ts";
export * from "./rules_figure.ts";
export * from "./show.ts";
export * from "./spectra_figure.ts";
export * from "./spectral_norms_figure.ts";
export * from "./study.ts";
export * from "./study_curves_figure.ts";
export * from "./study_figure.ts";
export { BAND_COLORS, COLORS, TEXT_COLOR } from "./style.ts";
export * from "./write_report.ts";
