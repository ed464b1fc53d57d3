"""Many interviews planned at once: a proposal is worked out, stored, adjusted by people, and made
true by a worker. The modules in the order in which things move: `times`, `reading`, `proposing`,
`judging`, `plans`, `applying`.
"""
