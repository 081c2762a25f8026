$PYTHON -c 'import socket; socket.socket(socket.AF_UNIX).bind("d/s")'
