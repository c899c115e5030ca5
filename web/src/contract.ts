// Made by `npm run types` from src/binome/experiment/api.py; do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Advice
         * @description The predictor's decision, and its words; `confidence` is a probability, or None where the condition hides it.
         */
        Advice: {
            /** Confidence */
            confidence: number | null;
            /** Decision */
            decision: string | number;
            /** Label */
            label: string;
        };
        /**
         * Alternative
         * @description What would be advised with these lines changed, and `hidden` ones more that only the model saw; `confidence` is
         *     None where the condition hides how sure the model is.
         */
        Alternative: {
            /** Changes */
            changes: components["schemas"]["Change"][];
            /**
             * Confidence
             * @default null
             */
            confidence: number | null;
            /**
             * Hidden
             * @default 0
             */
            hidden: number;
            /** Label */
            label: string;
        };
        /**
         * Bars
         * @description What each line of the case file contributed: signed, the longest of the item being 1 or -1.
         *
         *     `values` go with the step's `case`, line by line, None for a line that the predictor did not see; `rest` is the
         *     sum over what the predictor saw and the operator does not, None where there is nothing of the kind.
         */
        Bars: {
            /** High */
            high: string;
            /** Low */
            low: string;
            /**
             * Rest
             * @default null
             */
            rest: number | null;
            /** Values */
            values: (number | null)[];
        };
        /**
         * Block
         * @description A piece of prose, rendered as text nodes (never as HTML).
         */
        Block: {
            /** Items */
            items?: string[];
            /**
             * Kind
             * @enum {string}
             */
            kind: "heading" | "paragraph" | "list";
            /**
             * Text
             * @default
             */
            text: string;
        };
        /**
         * BlockStep
         * @description Announces a block: what help there will be. Completed with {}.
         */
        BlockStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "block";
            /** Number */
            number: number | null;
            /** Of */
            of: number;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
        };
        /** Change */
        Change: {
            /** After */
            after: string;
            /** Before */
            before: string;
            /** Label */
            label: string;
        };
        /**
         * ConsentStep
         * @description Completed with {accepted: bool, version: str}.
         */
        ConsentStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "consent";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
            /** Version */
            version: string;
        };
        /**
         * Contour
         * @description A line of a contour: the share of the scale that it runs around, and how it is drawn.
         */
        Contour: {
            /** Colour */
            colour: string;
            /** Share */
            share: number;
            /** Width */
            width: number;
        };
        /**
         * DebriefingStep
         * @description Completed with {}.
         */
        DebriefingStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "debriefing";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
        };
        /**
         * DecisionData
         * @description What completing a decision step carries. Times are in seconds, with fractions of milliseconds.
         *
         *     Exactly one of `decision` and `delegated=True` is given. `confidence` is in [0, 1].
         */
        DecisionData: {
            /**
             * Changes
             * @description how often the choice was changed before confirming
             * @default 0
             */
            changes: number;
            /**
             * Confidence
             * @default null
             */
            confidence: number | null;
            /**
             * Decision
             * @default null
             */
            decision: string | number | null;
            /**
             * Delegated
             * @default false
             */
            delegated: boolean;
            /**
             * Explanation Opened
             * @default null
             */
            explanation_opened: boolean | null;
            /**
             * Explanation Seconds
             * @description time with the explanation visible
             * @default null
             */
            explanation_seconds: number | null;
            /**
             * Opacity
             * @default null
             */
            opacity: number | null;
            /**
             * Seconds
             * @description from the frame in which the item appeared to the confirmation
             */
            seconds: number;
        };
        /**
         * DecisionStep
         * @description One decision. Completed with `DecisionData`.
         *
         *     `stage` initial: before the advice; final: after it (`initial` is what the operator chose);
         *     single: the only one. `instruction` is set for attention checks, which show no item. An item is a picture or the
         *     lines of a case file, with a note that only the operator gets; the answer is one of the options, or a number where
         *     there is a scale.
         */
        DecisionStep: {
            advice: components["schemas"]["Advice"] | null;
            /** Ask Confidence */
            ask_confidence: boolean;
            /** Case */
            case?: components["schemas"]["Line"][];
            explanation: components["schemas"]["Explanation"] | null;
            /** Index */
            index: number;
            /** Initial */
            initial: string | number | null;
            /** Initial Confidence */
            initial_confidence: number | null;
            /** Instruction */
            instruction: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "decision";
            /** May Delegate */
            may_delegate: boolean;
            /**
             * Note
             * @default null
             */
            note: string | null;
            /** Options */
            options: components["schemas"]["Option"][];
            picture: components["schemas"]["Picture"] | null;
            /** Practice */
            practice: boolean;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Question */
            question: string;
            /** @default null */
            scale: components["schemas"]["Scale"] | null;
            /**
             * Stage
             * @enum {string}
             */
            stage: "initial" | "final" | "single";
            /** Trial */
            trial: number;
            /** Trials */
            trials: number;
        };
        /**
         * DoneStep
         * @description The last step; nothing completes it.
         */
        DoneStep: {
            /** Blocks */
            blocks: components["schemas"]["Block"][];
            /** Code */
            code: string;
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "done";
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Title */
            title: string;
            /** Url */
            url: string | null;
        };
        /**
         * Event
         * @description Something that happened in the browser. `complete` events end a step; others only inform.
         */
        Event: {
            /** Data */
            data?: {
                [key: string]: unknown;
            };
            /**
             * Id
             * @description made by the browser; sent twice, stored once
             */
            id: string;
            /** Step */
            step: number;
            /**
             * Time
             * @description the browser's clock, ISO 8601 with milliseconds
             */
            time: string;
            /** Type */
            type: string;
        };
        /** EventBatch */
        EventBatch: {
            /** Events */
            events: components["schemas"]["Event"][];
        };
        /**
         * Example
         * @description Another item and its right answer in words: a picture, or the lines of a case file.
         *
         *     `kind`: alike (near to the item), prototype (typical of its answer), contrast (near, with another answer);
         *     `similarity` from 0 to 1, None where there is none.
         */
        Example: {
            /** Case */
            case?: components["schemas"]["Line"][];
            /**
             * Kind
             * @enum {string}
             */
            kind: "alike" | "prototype" | "contrast";
            /** Label */
            label: string;
            /** @default null */
            picture: components["schemas"]["Picture"] | null;
            /**
             * Similarity
             * @default null
             */
            similarity: number | null;
        };
        /**
         * Explanation
         * @description What explains the advice; `kind` says which of the fields there are.
         *
         *     overlay, contour, regions: `picture`, to lay over the item's (same aspect ratio, transparent where it says nothing);
         *     side_by_side: `picture`, to show beside it. `legend` is the scale of overlay and side_by_side, `contours` and
         *     `regions` say how these read. bars: `bars`. examples and counterfactuals: lists. `sentence`: alone, or beneath maps
         *     and bars.
         */
        Explanation: {
            /** @default null */
            bars: components["schemas"]["Bars"] | null;
            /** Contours */
            contours?: components["schemas"]["Contour"][];
            /** Counterfactuals */
            counterfactuals?: components["schemas"]["Alternative"][];
            /** Examples */
            examples?: components["schemas"]["Example"][];
            /**
             * Kind
             * @enum {string}
             */
            kind: "overlay" | "contour" | "regions" | "side_by_side" | "bars" | "sentence" | "examples" | "counterfactuals";
            /** @default null */
            legend: components["schemas"]["Legend"] | null;
            /** @default null */
            picture: components["schemas"]["Picture"] | null;
            /** @default null */
            regions: components["schemas"]["Regions"] | null;
            /**
             * Sentence
             * @default null
             */
            sentence: string | null;
        };
        /**
         * FeedbackStep
         * @description After a practice trial, or by condition. Completed with {}.
         */
        FeedbackStep: {
            /** Advice */
            advice: string | null;
            /** Case */
            case?: components["schemas"]["Line"][];
            /** Chosen */
            chosen: string;
            /** Correct */
            correct: boolean;
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "feedback";
            picture: components["schemas"]["Picture"] | null;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Truth */
            truth: string;
        };
        /**
         * InstructionsStep
         * @description Completed with {}.
         */
        InstructionsStep: {
            /** Index */
            index: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "instructions";
            /** Pages */
            pages: components["schemas"]["Block"][][];
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
        };
        /** Legend */
        Legend: {
            /** Colours */
            colours: string[];
            /** High */
            high: string;
            /** Low */
            low: string;
        };
        /**
         * Line
         * @description A line of a case file: what is known, its value in words with its unit, and what it means.
         */
        Line: {
            /**
             * Help
             * @default
             */
            help: string;
            /** Id */
            id: string;
            /** Label */
            label: string;
            /** Value */
            value: string;
        };
        /**
         * NewSession
         * @description Opens a session. The browser makes the token (128 random bits or more, base64url) and keeps it:
         *     opening twice with one token gives the same session, so that a lost answer costs nothing.
         */
        NewSession: {
            /**
             * External Id
             * @default null
             */
            external_id: string | null;
            /** Language */
            language: string;
            /** Token */
            token: string;
        };
        /**
         * Option
         * @description One possible decision; `key` is the keyboard key that chooses it.
         */
        Option: {
            /** Id */
            id: string;
            /** Key */
            key: string;
            /** Label */
            label: string;
        };
        /**
         * Picture
         * @description A picture; `url` is relative to the server and works only with the session's token.
         */
        Picture: {
            /** Alt */
            alt: string;
            /** Height */
            height: number;
            /** Url */
            url: string;
            /** Width */
            width: number;
        };
        /**
         * Progress
         * @description Where the operator is: steps done of the total, and an estimate of the minutes left.
         */
        Progress: {
            /** Done */
            done: number;
            /** Minutes Left */
            minutes_left: number;
            /** Total */
            total: number;
        };
        /**
         * Question
         * @description `slider` uses low, high, step and end labels; `likert` one label a point; `choice` options.
         */
        Question: {
            /**
             * Help
             * @default
             */
            help: string;
            /**
             * High
             * @default 100
             */
            high: number;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "slider" | "likert" | "choice" | "text" | "number";
            /** Labels */
            labels?: string[];
            /**
             * Low
             * @default 0
             */
            low: number;
            /** Options */
            options?: components["schemas"]["Option"][];
            /**
             * Required
             * @default true
             */
            required: boolean;
            /**
             * Step
             * @default 1
             */
            step: number;
            /** Text */
            text: string;
        };
        /**
         * QuestionnaireStep
         * @description Completed with {answers: {question id: number | string | null}}.
         */
        QuestionnaireStep: {
            /** Id */
            id: string;
            /** Index */
            index: number;
            /** Introduction */
            introduction: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "questionnaire";
            /** Note */
            note: string;
            /** Preload */
            preload?: string[];
            progress: components["schemas"]["Progress"];
            /** Questions */
            questions: components["schemas"]["Question"][];
            /** Title */
            title: string;
        };
        /**
         * Regions
         * @description What stays clear: at most that share of the picture, in at most so many connected regions (None: any number).
         */
        Regions: {
            /**
             * Count
             * @default null
             */
            count: number | null;
            /** Share */
            share: number;
        };
        /**
         * Scale
         * @description Where the task is to estimate a number: from `low` to `high` by `step`, in `unit`.
         */
        Scale: {
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Step */
            step: number;
            /** Unit */
            unit: string;
        };
        /**
         * SessionState
         * @description Answer to every call: which events are on disk now, and the step to show.
         */
        SessionState: {
            /** Language */
            language: string;
            /**
             * Refused
             * @description event id to the reason, in the operator's language
             */
            refused?: {
                [key: string]: string;
            };
            /** Step */
            step: components["schemas"]["ConsentStep"] | components["schemas"]["InstructionsStep"] | components["schemas"]["BlockStep"] | components["schemas"]["DecisionStep"] | components["schemas"]["FeedbackStep"] | components["schemas"]["QuestionnaireStep"] | components["schemas"]["DebriefingStep"] | components["schemas"]["DoneStep"];
            /** Stored */
            stored?: string[];
        };
        /**
         * StudyInfo
         * @description What the first page needs before a session exists.
         */
        StudyInfo: {
            /** Languages */
            languages: string[];
            /** Open */
            open: boolean;
            /** Study */
            study: string;
            /** Title */
            title: {
                [key: string]: string;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Advice = components['schemas']['Advice'];
export type Alternative = components['schemas']['Alternative'];
export type Bars = components['schemas']['Bars'];
export type Block = components['schemas']['Block'];
export type BlockStep = components['schemas']['BlockStep'];
export type Change = components['schemas']['Change'];
export type ConsentStep = components['schemas']['ConsentStep'];
export type Contour = components['schemas']['Contour'];
export type DebriefingStep = components['schemas']['DebriefingStep'];
export type DecisionData = components['schemas']['DecisionData'];
export type DecisionStep = components['schemas']['DecisionStep'];
export type DoneStep = components['schemas']['DoneStep'];
export type Event = components['schemas']['Event'];
export type EventBatch = components['schemas']['EventBatch'];
export type Example = components['schemas']['Example'];
export type Explanation = components['schemas']['Explanation'];
export type FeedbackStep = components['schemas']['FeedbackStep'];
export type InstructionsStep = components['schemas']['InstructionsStep'];
export type Legend = components['schemas']['Legend'];
export type Line = components['schemas']['Line'];
export type NewSession = components['schemas']['NewSession'];
export type Option = components['schemas']['Option'];
export type Picture = components['schemas']['Picture'];
export type Progress = components['schemas']['Progress'];
export type Question = components['schemas']['Question'];
export type QuestionnaireStep = components['schemas']['QuestionnaireStep'];
export type Regions = components['schemas']['Regions'];
export type Scale = components['schemas']['Scale'];
export type SessionState = components['schemas']['SessionState'];
export type StudyInfo = components['schemas']['StudyInfo'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
