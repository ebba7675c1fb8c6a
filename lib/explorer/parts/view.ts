import type { ComponentType } from "preact";
import type { TagObject } from "../../client/reader.ts";
import type { Place } from "./router.ts";

/** The properties of a view. */
export interface ViewProps {
  /** The place that the page is at. */
  readonly place: Place;
}

/** The properties of a view of one tag. */
export interface TagViewProps extends ViewProps {
  /** The tag's name. */
  readonly tag: string;
  /** The tag as it was read. */
  readonly found: TagObject;
  /** Reads it anew, after it was changed. */
  readonly refresh: () => void;
}

/** A view that is loaded when it is shown first. */
export interface View<Props> {
  /** Its name, in the navigation and the title of the page. */
  readonly title: string;
  /** True if it is of no use where nothing may be changed. */
  readonly writes?: boolean;
  /** True if it is reached from other views only, and has no place in the navigation. */
  readonly isDeep?: boolean;
  /** Loads it. */
  readonly load: () => Promise<ComponentType<Props>>;
}
