FROM golang:1.24-nonroot
CMD ["late"]
