"""Every video of an experiment by itself: its lift, how sure that is, and the arm to ship for it.

`noise` says how much clicks vary beside what chance alone does, `build` makes the record, `cache`
holds it until something changes, `document`, `table` and `sentences` say it.
"""
