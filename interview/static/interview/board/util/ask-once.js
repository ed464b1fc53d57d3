// Questions to the server that a drawing depends on: each is asked once, and the answer redraws.

/**
 * The answer to a question; undefined until there is one. A place holds one question: another one
 * in it replaces it, so that an answer that has been forgotten is asked for again.
 * @param {App} app
 * @param {string} place
 * @param {string} question
 * @param {() => Promise<any>} ask
 */
export function askOnce(app, place, question, ask) {
  const held = app.questions.get(place);
  if (held?.question === question) return held.answer;
  const asked = { question, answer: undefined };
  app.questions.set(place, asked);
  ask().then((answer) => {
    asked.answer = answer;
    app.refresh();
  });
  return undefined;
}
