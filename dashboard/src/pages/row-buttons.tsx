import { Pencil, Trash2 } from "lucide";
import { Button } from "../ui";

/** What can be done with a row of a table; a menu would be cut off there. */
export function RowButtons({
  change,
  remove,
  onChange,
  onRemove,
}: {
  /** What the buttons say. */
  change?: string;
  remove?: string;
  onChange?: () => void;
  onRemove?: () => void;
}) {
  return (
    <span class="rule-buttons">
      {onChange && change && <Button small kind="plain" icon={Pencil} label={change} onClick={onChange} />}
      {onRemove && remove && <Button small kind="plain" icon={Trash2} label={remove} onClick={onRemove} />}
    </span>
  );
}
