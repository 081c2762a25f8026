$PYTHON -c 'import os; os.setxattr("f", "user.note", b"x")'
