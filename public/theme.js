// Sets the chosen theme before the first paint; without a choice, and without storage, the system's theme holds.
try {
  const theme = localStorage.getItem("tidings:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}
