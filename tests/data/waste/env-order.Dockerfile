FROM node:20-slim
ARG BUILD_DATE
LABEL build-date=$BUILD_DATE
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY index.js ./
