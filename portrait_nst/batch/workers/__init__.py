"""Workers: what paints jobs in one process, and the engines that run several of them, on this machine or by Ray."""
