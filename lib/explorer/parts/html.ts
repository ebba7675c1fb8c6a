import { h, type VNode } from "preact";
import htm from "htm";

/** A function that makes elements of a template. */
type Html = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/**
 * Makes elements of a template. What stands in `${}` is text, an attribute or an element, never markup.
 *
 * @see https://github.com/developit/htm
 */
export const html: Html = (htm as unknown as { bind(make: typeof h): Html }).bind(h);
