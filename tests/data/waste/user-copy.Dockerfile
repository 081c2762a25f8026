FROM python:3.11-slim
RUN useradd -m app
COPY . /home/app
RUN chown -R app /home/app && chmod -R g+w /home/app
USER app
RUN pip install --user -r /home/app/requirements.txt
CMD ["python", "/home/app/run.py"]
