// The link's cookie is set; what leads on comes from this site itself, so that strict cookies go along.
location.replace("/");
