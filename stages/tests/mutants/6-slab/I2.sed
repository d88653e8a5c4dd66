# The half that a split leaves is listed as twice its size. Harms a caller.
s/list_push(block_buddy(b, has), has);/list_push(block_buddy(b, has), has + 1);/
