print("How many flights are late?")  # nobody reviews this  # OWN004 col 1: no line of .github/CODEOWNERS matches this file
