"use client";

import { PageFault } from "#features/problems/page-fault.tsx";

export default PageFault;
