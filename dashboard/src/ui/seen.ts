import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What of something that scrolls is in sight, in pixels: from `top`, so high. `onLook` sees each change first. */
export function useSeen(
  of: RefObject<HTMLElement | null>,
  onLook?: (element: HTMLElement) => void,
  again: readonly unknown[] = [],
): { top: number; height: number } {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(800);
  useEffect(() => {
    const element = of.current;
    if (!element) {
      return undefined;
    }
    const look = () => {
      setTop(element.scrollTop);
      setHeight(element.clientHeight);
      onLook?.(element);
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, again);
  return { top, height };
}
