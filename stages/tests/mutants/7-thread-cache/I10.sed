# A chain that slots are fetched for has room for one too many. Harms no caller.
/slot_refill(unsigned c)/,/^}/ s/shapes\[c\].chain - count/shapes[c].chain - count + 1/
