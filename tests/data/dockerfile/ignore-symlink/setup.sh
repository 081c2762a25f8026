ln -s dir link; ln -s a.txt other
