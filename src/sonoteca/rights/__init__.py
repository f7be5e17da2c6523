"""Rights: evidence becomes a verdict, and without evidence the verdict is hold.

Takes   evidence (what was claimed or granted, by whom, where it was seen), the operator's trust and policy, and `now`.
Gives   a verdict per track, rendition and channel, each with the rule that decided and the evidence it rests on.
Undoes  by judging again: verdicts are records, a later one supersedes, the evidence stays.
"""
