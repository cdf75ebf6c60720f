/** The buttons. Without the token, which stands in the address that was printed, they are off. */

/** `report(text)` says what went wrong. */
export function openControl(token, report) {
  const group = document.getElementById('controls');
  const buttons = Object.fromEntries(['pause', 'resume', 'stop'].map(verb => [verb, document.getElementById(verb)]));
  let armed;

  async function send(verb) {
    try {
      const response = await fetch(`/control/${verb}`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
      report(response.ok ? '' : (await response.text()).trim());
    } catch {
      report('the run does not answer');
    }
  }

  buttons.pause.addEventListener('click', () => send('pause'));
  buttons.resume.addEventListener('click', () => send('resume'));
  // What can't be taken back is asked for twice.
  buttons.stop.addEventListener('click', () => {
    if (armed) {
      disarm();
      send('stop');
      return;
    }
    buttons.stop.textContent = 'Stop for good?';
    armed = setTimeout(disarm, 4000);
  });

  function disarm() {
    clearTimeout(armed);
    armed = undefined;
    buttons.stop.textContent = 'Stop';
  }

  return {
    /** What can be asked of a run in this state. */
    show(state, isLive) {
      group.hidden = !isLive;
      const isOver = ['over', 'done', 'failed', 'lost'].includes(state);
      const isPaused = state === 'paused';
      const had = document.activeElement;
      buttons.pause.hidden = isPaused;
      buttons.resume.hidden = !isPaused;
      // The focus stays on the button that takes the place of the one that was pressed.
      if (had === buttons.pause && isPaused) buttons.resume.focus();
      if (had === buttons.resume && !isPaused) buttons.pause.focus();
      for (const button of Object.values(buttons)) {
        button.disabled = isOver || token === '';
        button.title = token === '' ? 'open the address that was printed: it carries the token' : '';
      }
      if (isOver) disarm();
    },
  };
}
