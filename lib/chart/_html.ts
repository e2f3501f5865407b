// Text and data within HTML.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!);

/** Data as JSON that may stand in a script element: no `<` can end it. */
export const scriptJson = (data: unknown): string =>
  JSON.stringify(data).replaceAll("<", "\\u003c");

/** A program that may stand in a script element. */
export const scriptText = (program: string): string =>
  program.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");

/** What a Content-Security-Policy knows an inline script by. */
export async function scriptHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
