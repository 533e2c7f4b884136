"""What any program needs: errors, files, intervals, wording, machine, jobs."""
