"""What any program needs: errors, files, locks, jobs, intervals and words. This room imports no other."""
