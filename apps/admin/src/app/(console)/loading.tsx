import { Skeleton } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <div aria-busy="true" className="grid gap-6">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-7 w-40" />
      <Skeleton className="h-28" />
      <Skeleton className="h-72" />
    </div>
  );
}
