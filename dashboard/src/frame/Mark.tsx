/** The name, with its sign: one that hands on to two. */
export function Mark() {
  return (
    <span class="mark">
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect width="32" height="32" rx="8" class="mark-ground" />
        <path d="M9 16h5M18 14.5l5-4M18 17.5l5 4" class="mark-line" />
        <circle cx="8.5" cy="16" r="2.5" class="mark-dot" />
        <circle cx="16" cy="16" r="3.2" class="mark-dot" />
        <circle cx="24" cy="9.5" r="2.5" class="mark-dot" />
        <circle cx="24" cy="22.5" r="2.5" class="mark-dot" />
      </svg>
      Relais
    </span>
  );
}
