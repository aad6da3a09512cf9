import { Skeleton, Skeletons } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <Skeletons className="grid gap-6">
      <Skeleton className="h-7 w-40" />
      <Skeleton className="h-28" />
      <Skeleton className="h-72" />
    </Skeletons>
  );
}
