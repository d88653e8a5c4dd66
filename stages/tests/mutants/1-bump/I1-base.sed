# The heap begins with more padding than its first block knows of. Harms a caller.
s/mem_sbrk(WORD)/mem_sbrk(MM_ALIGN)/
