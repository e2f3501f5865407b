// Escapes text and data for HTML.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for an element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!);

/** Encodes data as JSON for a script element; it contains no `<` that could end the element. */
export const scriptJson = (data: unknown): string =>
  JSON.stringify(data).replaceAll("<", "\\u003c");

/** Escapes a program for a script element. */
export const scriptText = (program: string): string =>
  program.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");

/** The hash of an inline script for a Content-Security-Policy. */
export async function scriptHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
