import { signal } from "@preact/signals";
import { CircleCheck } from "lucide";
import { Icon } from "./Icon";

const said = signal<readonly { id: number; text: string }[]>([]);
let next = 0;

/** Says for some seconds that something was done. What went wrong is said where it was asked for, and stays. */
export function toast(text: string): void {
  const id = next++;
  said.value = [...said.value.slice(-2), { id, text }];
  setTimeout(() => {
    said.value = said.value.filter((one) => one.id !== id);
  }, 5_000);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map((one) => (
        <div class="toast" key={one.id}>
          <Icon of={CircleCheck} />
          {one.text}
        </div>
      ))}
    </div>
  );
}
