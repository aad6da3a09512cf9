import { CopyText } from "#components/ui/copy-text.tsx";

export function StaffLinkCommand({ lead }: { lead: string }) {
  return (
    <div className="grid justify-items-start gap-2">
      <p className="text-muted">{lead}</p>
      <CopyText text="npx echoctl staff link" label="Copy the command" />
    </div>
  );
}
